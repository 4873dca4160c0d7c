import { App } from 'aws-cdk-lib';
import { OrderProcessing } from './order-processing.js';
import { ShopData } from './shop-data.js';

const app = new App();
const data = new ShopData(app, 'ShopData');
new OrderProcessing(app, 'OrderProcessing', data);
